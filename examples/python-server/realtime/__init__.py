"""The profile realtime: WebSockets by hand (RFC 6455), live events, catch-up."""
