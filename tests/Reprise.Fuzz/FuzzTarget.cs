namespace Reprise.Fuzz;

/// <summary>A parser of ours and what it must keep to, whatever comes.</summary>
internal abstract class FuzzTarget
{
    public string Name => GetType().Name.Replace("Target", "", StringComparison.Ordinal);

    /// <summary>What it accepts; inputs are made of these.</summary>
    public abstract IReadOnlyList<byte[]> Seeds { get; }

    /// <summary>How many inputs before the next target's turn.</summary>
    public virtual int Turn => 2000;

    public virtual byte[] Change(byte[] seed, Random random) => Mutator.Mutate(seed, random);

    /// <summary>Returns if all is well; any exception is a finding.</summary>
    public abstract void Run(byte[] input);

    protected static void Require(bool condition, string what)
    {
        if (!condition)
            throw new InvalidOperationException(what);
    }
}
