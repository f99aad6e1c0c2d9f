using System.Globalization;
using System.Text.RegularExpressions;

namespace Reprise.Edge.Tests.Harness;

/// <summary>One scrape of <c>/metrics</c>.</summary>
internal sealed partial class Metrics
{
    private readonly List<(string Name, Dictionary<string, string> Labels, double Value)> _samples = [];

    public Metrics(string text)
    {
        Text = text;
        foreach (Match line in Sample().Matches(text))
        {
            var labels = Label().Matches(line.Groups["labels"].Value).ToDictionary(label => label.Groups[1].Value, label => label.Groups[2].Value);
            labels.Remove("otel_scope_name");
            _samples.Add((line.Groups["name"].Value, labels, double.Parse(line.Groups["value"].Value, CultureInfo.InvariantCulture)));
        }
    }

    public string Text { get; }

    /// <summary>Names and values of all labels of our own metrics.</summary>
    public IEnumerable<(string Name, string Label, string Value)> Labels =>
        from sample in _samples
        where sample.Name.StartsWith("reprise_", StringComparison.Ordinal)
        from label in sample.Labels
        select (sample.Name, label.Key, label.Value);

    /// <summary>The sum of the samples that have these labels; 0 if there is none.</summary>
    public double Sum(string name, params (string Label, string Value)[] labels) => _samples
        .Where(sample => sample.Name == name && labels.All(label => sample.Labels.GetValueOrDefault(label.Label) == label.Value))
        .Sum(sample => sample.Value);

    public double Handshakes(string protocol, string mode) => Sum("reprise_handshakes_total", ("protocol", protocol), ("mode", mode), ("result", "ok"));

    public double Failures(string result) => Sum("reprise_handshakes_total", ("result", result));

    public double Declines(string reason) => Sum("reprise_declines_total", ("reason", reason));

    /// <summary>Lookups that the store did not answer, or not in time.</summary>
    public double StoreFaults => Declines("store_timeout") + Declines("store_error");

    public double Resumptions(string issuer, string node) => Sum("reprise_resumptions_total", ("issuer", issuer), ("node", node));

    [GeneratedRegex(@"^(?<name>[a-z_:]+)(\{(?<labels>[^}]*)\})? (?<value>\S+)", RegexOptions.Multiline)]
    private static partial Regex Sample();

    [GeneratedRegex("([a-z_]+)=\"([^\"]*)\"")]
    private static partial Regex Label();
}
