/// Reading and writing text formats: strict YAML with positions, strict and canonical JSON, tables.
@NullMarked
package dev.skillwarden.text;

import org.jspecify.annotations.NullMarked;
