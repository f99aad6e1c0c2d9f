using Spectre.Console;

namespace Reprise.Cli.Progress;

/// <summary>A change of the key plane that is told step by step, as far as it has been told: the state behind every way of showing it.</summary>
/// <typeparam name="TStep">What it is told by. A step may be told twice, where another key service goes on.</typeparam>
internal abstract class ToldChange<TStep>
{
    /// <summary>The last line; null while it goes on.</summary>
    public abstract string? Summary { get; }

    public abstract void Apply(TStep step);

    /// <summary>A line for the step that was just applied; null if it says nothing to people, or is the last.</summary>
    public abstract string? Line(TStep step);

    public abstract Table Table();

    public abstract object ToJson();
}
