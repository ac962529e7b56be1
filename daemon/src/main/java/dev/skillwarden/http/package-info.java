/// Endpoints on the control socket and the loopback port: hooks, MCP, search, invoke, status.
@NullMarked
package dev.skillwarden.http;

import org.jspecify.annotations.NullMarked;
