"""The durable store: messages, documents and orders, behind `engine.ports.Store`."""
