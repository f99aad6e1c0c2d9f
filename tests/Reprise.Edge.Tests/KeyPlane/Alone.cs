namespace Reprise.Edge.Tests.KeyPlane;

/// <summary>Tests under load: what other tests do to the machine at the same time would make laggards of nodes that are none.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class Alone
{
    public const string Name = "key plane, alone";
}
