"""Who is told of an alert: a module for each kind of receiver, each a pure function of the notification."""

from alerts.receivers.settings import Receiver, ReceiverError

__all__ = ["Receiver", "ReceiverError"]
