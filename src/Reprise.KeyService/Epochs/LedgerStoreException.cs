namespace Reprise.KeyService.Epochs;

/// <summary>The store does not do as it should: away, slow, or refusing. The message is one line, without addresses or keys.</summary>
internal sealed class LedgerStoreException(string message, Exception? inner = null) : Exception(message, inner);
