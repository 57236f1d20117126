"""MLLP: HL7v2 messages over TCP or TLS, each acknowledged once it is durably kept.

On one connection messages are kept one after the other, in the order they came, and answered in that order; a sender
that does not wait for its answers only gets them faster. What is said of a message is what the route's format says
(`Accepted.answer`); this connector speaks for itself only where there is no such answer: a frame that cannot be taken,
a store that cannot keep. It then refuses the frame and closes the connection, so that nothing overtakes what was
refused: a sender takes up again with its first message that was not answered.
"""

from connectors.sources.mllp.settings import MllpSettings
from connectors.sources.mllp.source import MllpSource
from engine.declarations import SourceDeclaration

SOURCE = SourceDeclaration("mllp", MllpSettings, MllpSource)
