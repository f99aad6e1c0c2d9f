namespace Reprise.KeyService.Management;

/// <summary>Endpoint metadata: belongs to the plain-HTTP listener.</summary>
internal sealed class ManagementEndpoint;
