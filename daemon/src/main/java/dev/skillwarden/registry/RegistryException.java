package dev.skillwarden.registry;

/// What was asked cannot be done here. The message says what was found, what is wanted, what to do.
public final class RegistryException extends Exception {
  private static final long serialVersionUID = 1L;

  public RegistryException(String message) {
    super(message);
  }
}
