using System.Diagnostics;
using OpenTelemetry.Trace;

namespace Reprise.Edge.Traces;

/// <summary>
/// What is worth a trace is decided where it begins (<see cref="HandshakeTraces"/>), so all of that is recorded, and what is under it; and
/// nothing that begins by itself, such as a health probe of an upstream.
/// </summary>
internal sealed class RecordedOnly : Sampler
{
    private static readonly ParentBasedSampler s_sampler = new(new ServerSpans());

    public override SamplingResult ShouldSample(in SamplingParameters samplingParameters) => s_sampler.ShouldSample(samplingParameters);

    private sealed class ServerSpans : Sampler
    {
        public override SamplingResult ShouldSample(in SamplingParameters samplingParameters) =>
            new(samplingParameters.Kind is ActivityKind.Server ? SamplingDecision.RecordAndSample : SamplingDecision.Drop);
    }
}
