using System.ComponentModel.DataAnnotations;

namespace Reprise.KeyProtocol;

/// <summary>How a node reaches the key service.</summary>
public sealed class KeyRingSubscriberOptions
{
    public const string SectionName = "KeyService";

    /// <summary>
    /// <c>https://HOST:PORT</c> of each key service, in order of preference. Default none, which is not allowed: without
    /// a first key ring a node does not listen.
    /// </summary>
    public IList<string> Addresses { get; } = [];

    /// <summary>PEM file of the CA that key services must be certified by. Nothing else is believed.</summary>
    public string Authority { get; set; } = "";

    /// <summary>PEM file of this node's certificate; its URI SAN is <c>spiffe://reprise/edge/NAME</c>.</summary>
    public string Certificate { get; set; } = "";

    /// <summary>PEM file of its private key, unencrypted. Files are read again at each connection.</summary>
    public string Key { get; set; } = "";

    /// <summary>Between reports of use and freshness to the key service; 1 s to 1 min. Default 5 s.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:01:00")]
    public TimeSpan HeartbeatInterval { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>The node's name, set by the host; must be the one in the certificate.</summary>
    internal string? Node { get; set; }
}
