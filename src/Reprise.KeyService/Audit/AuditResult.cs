namespace Reprise.KeyService.Audit;

/// <summary>How something ended that is audited; in lower case on the wire.</summary>
internal enum AuditResult
{
    Begun,
    Ok,

    /// <summary>Done, but not all nodes have acknowledged.</summary>
    Laggards,
    Failed,
    Refused,
}
