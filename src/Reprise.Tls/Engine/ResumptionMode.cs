namespace Reprise.Tls;

/// <summary>How a handshake came about.</summary>
public enum ResumptionMode
{
    Full,

    /// <summary>From the session store.</summary>
    Stateful,

    /// <summary>From a ticket.</summary>
    Stateless,
}
