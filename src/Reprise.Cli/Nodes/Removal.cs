using Reprise.Cli.Keys;
using Reprise.Cli.Progress;
using Reprise.Cli.Terminal;
using Reprise.KeyProtocol.V1;
using Spectre.Console;

namespace Reprise.Cli.Nodes;

/// <summary>A node's removal as far as it has been told, with the rotation that follows.</summary>
internal sealed class Removal(string node) : ToldChange<RemoveNodeResponse>
{
    private RemoveNodeResponse.Types.Removed? _removed;

    public Rotation Rotation { get; } = new();

    /// <summary>Of the rotation, but for the node itself: it is not meant to follow.</summary>
    public IEnumerable<string> Laggards => Rotation.Laggards.Where(name => name != node);

    /// <inheritdoc/>
    public override string? Summary => Rotation.Summary is { } rotated ? $"{node} is removed. {rotated}" : null;

    /// <inheritdoc/>
    public override void Apply(RemoveNodeResponse step)
    {
        if (step.ProgressCase == RemoveNodeResponse.ProgressOneofCase.Removed)
            _removed = step.Removed;
        else if (step.ProgressCase == RemoveNodeResponse.ProgressOneofCase.Rotation)
            Rotation.Apply(step.Rotation);
    }

    /// <inheritdoc/>
    public override string? Line(RemoveNodeResponse step) => step.ProgressCase switch
    {
        RemoveNodeResponse.ProgressOneofCase.Removed => $"Removed {step.Removed.Node}: refused from now on are its certificates {string.Join(", ", step.Removed.Serials)}",
        RemoveNodeResponse.ProgressOneofCase.Rotation => Rotation.Line(step.Rotation),
        _ => null,
    };

    /// <inheritdoc/>
    public override Table Table()
    {
        var table = Rotation.Table();
        return _removed is null ? table : table.Caption($"{Format.Cell(node)} is refused: {string.Join(", ", _removed.Serials)}");
    }

    /// <inheritdoc/>
    public override object ToJson() => new { node, serials = _removed?.Serials, generation = _removed?.Generation, rotation = Rotation.ToJson() };
}
