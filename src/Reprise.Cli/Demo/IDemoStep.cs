namespace Reprise.Cli.Demo;

/// <summary>A part of the story: does something to the cluster, and measures what clients see of it.</summary>
internal interface IDemoStep
{
    /// <summary>For scripts.</summary>
    string Name { get; }

    /// <summary>What will be done, for people.</summary>
    string Title { get; }

    /// <summary>Leaves the cluster whole, or says that it is not.</summary>
    /// <param name="cluster">Whole.</param>
    /// <param name="telling">For what happens on the way.</param>
    /// <param name="cancellationToken">Ends the story.</param>
    /// <exception cref="CliException">It could not be done.</exception>
    Task<StepReport> RunAsync(DemoCluster cluster, Telling telling, CancellationToken cancellationToken);
}
