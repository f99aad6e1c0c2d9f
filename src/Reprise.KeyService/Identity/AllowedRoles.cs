using Reprise.KeyProtocol.Identity;

namespace Reprise.KeyService.Identity;

/// <summary>Endpoint metadata: who may call. An endpoint without it may be called by nobody.</summary>
internal sealed record AllowedRoles(params KeyRole[] Roles)
{
    /// <summary>Whoever has a role at all.</summary>
    public static AllowedRoles Any { get; } = new(Enum.GetValues<KeyRole>());
}
