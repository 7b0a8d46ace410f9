"""From a source to Kafka: read what platforms and files hold, say why what cannot be used cannot, publish the rest."""
