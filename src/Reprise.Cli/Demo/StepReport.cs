using Reprise.Cli.Demo.Load;

namespace Reprise.Cli.Demo;

/// <summary>How a step of the story went, as measured.</summary>
/// <param name="Outcome">Whether it went as it should.</param>
/// <param name="Told">What was measured, or why nothing was, in a sentence.</param>
/// <param name="Facts">The same for scripts.</param>
/// <param name="Load">What the clients of the load saw meanwhile; null where the step has clients of its own only.</param>
internal sealed record StepReport(StepOutcome Outcome, string Told, object? Facts = null, LoadTally? Load = null)
{
    public static StepReport LeftOut(string why) => new(StepOutcome.LeftOut, why);

    public static StepReport Of(bool asExpected, string told, object? facts = null, LoadTally? load = null) =>
        new(asExpected ? StepOutcome.AsExpected : StepOutcome.NotAsExpected, told, facts, load);
}

internal enum StepOutcome
{
    AsExpected,

    /// <summary>The demo ends with exit code 1.</summary>
    NotAsExpected,

    /// <summary>It could not be tried here; no fault.</summary>
    LeftOut,
}
