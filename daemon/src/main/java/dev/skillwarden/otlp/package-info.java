/// Journal records as OTLP log records, JSON and protobuf, and the files of an export.
@NullMarked
package dev.skillwarden.otlp;

import org.jspecify.annotations.NullMarked;
