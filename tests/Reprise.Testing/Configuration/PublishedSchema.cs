using System.Text.Json;
using Json.Schema;

namespace Reprise.Testing.Configuration;

/// <summary>A schema in <c>deploy/schema</c>, and a validator that is not ours.</summary>
public sealed class PublishedSchema
{
    /// <summary>Set: schemas are written anew instead of compared.</summary>
    private const string Write = "REPRISE_WRITE_SCHEMAS";

    private static readonly JsonDocumentOptions WithComments = new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };

    private readonly JsonSchema _schema;

    /// <param name="name">As <c>edge</c>.</param>
    /// <param name="current">What it should be.</param>
    public PublishedSchema(string name, string current)
    {
        var path = RepositoryRoot.File("deploy", "schema", $"{name}.schema.json");
        if (Environment.GetEnvironmentVariable(Write) is { Length: > 0 })
            File.WriteAllText(path, current);
        Text = File.Exists(path) ? File.ReadAllText(path) : "";
        _schema = JsonSchema.FromText(current);
    }

    /// <summary>As it is published.</summary>
    public string Text { get; }

    /// <summary>What is wrong with a configuration, as JSON pointers; nothing if it is valid. Comments are allowed, as in the configuration.</summary>
    public IReadOnlyList<string> Validate(string json)
    {
        var results = _schema.Evaluate(JsonDocument.Parse(json, WithComments).RootElement, new EvaluationOptions { OutputFormat = OutputFormat.List });
        return results.IsValid ? [] : [.. (results.Details ?? []).Where(detail => !detail.IsValid && detail.Errors is { Count: > 0 }).Select(detail => $"{detail.InstanceLocation}: {string.Join(", ", detail.Errors!.Values)}")];
    }
}
