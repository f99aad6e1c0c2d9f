namespace Reprise.KeyProtocol.Identity;

/// <summary>What a certificate lets its holder do in the key plane.</summary>
public enum KeyRole
{
    /// <summary>A node: may subscribe to key rings, under its own name.</summary>
    Edge = 1,

    /// <summary>An operator: may use <c>KeyAdmin</c>; is never sent a key.</summary>
    Admin = 2,

    /// <summary>A key service: what nodes and operators accept as the other end.</summary>
    KeyService = 3,
}
