namespace Reprise.Testing;

public enum RedisKind
{
    /// <summary>The image redis:7, by Docker.</summary>
    Container,

    /// <summary><c>redis-server</c> of this machine, as a process.</summary>
    Local,

    /// <summary>Microsoft.Garnet in this process: the Redis protocol, but neither CONFIG as Redis has it nor a pause.</summary>
    Garnet,
}
