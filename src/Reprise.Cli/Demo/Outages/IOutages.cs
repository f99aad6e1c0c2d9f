namespace Reprise.Cli.Demo.Outages;

/// <summary>
/// Takes parts of a cluster away and gives them back. There are two: the processes of <c>up</c> are in our hand, those of any other
/// cluster in its operator's.
/// </summary>
internal interface IOutages
{
    /// <summary>Whether somebody else is asked: then it may not happen, and that is no fault.</summary>
    bool Asks { get; }

    /// <summary>How long it may take until it is seen by clients or key services.</summary>
    TimeSpan Patience { get; }

    /// <summary>Why Redis cannot be taken away; null if it can.</summary>
    string? WhyNotRedis { get; }

    /// <summary>The same of a key service.</summary>
    string? WhyNotKeyService { get; }

    Task StopRedisAsync(Telling telling, CancellationToken cancellationToken);

    Task StartRedisAsync(Telling telling, CancellationToken cancellationToken);

    /// <param name="name">As the key services call it.</param>
    /// <param name="telling">Is told what is done, or asked.</param>
    /// <param name="cancellationToken">Ends the story.</param>
    Task KillKeyServiceAsync(string name, Telling telling, CancellationToken cancellationToken);

    /// <inheritdoc cref="KillKeyServiceAsync"/>
    Task StartKeyServiceAsync(string name, Telling telling, CancellationToken cancellationToken);
}
