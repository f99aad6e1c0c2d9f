using System.Globalization;
using Reprise.KeyProtocol.Telemetry;

namespace Reprise.Edge.Traces;

/// <inheritdoc/>
internal sealed class EdgeTelemetryOptionsValidator : TelemetryOptionsValidator<EdgeTelemetryOptions>
{
    /// <inheritdoc/>
    protected override void Check(ICollection<string> failures, EdgeTelemetryOptions options)
    {
        if (options.TracesSampleRatio is not (>= 0 and <= 1)) // nor NaN
            failures.Add(string.Create(CultureInfo.InvariantCulture, $"{Section}:TracesSampleRatio is '{options.TracesSampleRatio}'; allowed: 0 to 1"));
    }
}
