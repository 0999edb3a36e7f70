"""The pure functions of the protocol, held to spec/vectors."""
