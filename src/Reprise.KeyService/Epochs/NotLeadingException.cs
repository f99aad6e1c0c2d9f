namespace Reprise.KeyService.Epochs;

/// <summary>This key service does not lead: it changes nothing.</summary>
internal sealed class NotLeadingException() : Exception("this key service does not lead");
