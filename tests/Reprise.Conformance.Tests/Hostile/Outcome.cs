using Org.BouncyCastle.Tls;

namespace Reprise.Conformance.Tests.Hostile;

/// <summary>What came of it, as text that a table of expectations can hold: <c>decode_error</c>, <c>ServerHello</c>, <c>closed</c>.</summary>
internal sealed record Outcome(string Text, ServerHello? Hello = null)
{
    public const string Answered = "ServerHello";
    public const string Retry = "HelloRetryRequest";
    public const string End = "closed";

    public static Outcome Closed { get; } = new(End);

    /// <summary>A fatal alert by its RFC name; a warning with that word before it.</summary>
    public static Outcome Alert(byte level, byte description)
    {
        var name = AlertDescription.GetName(description);
        return new(level == AlertLevel.fatal ? name : $"warning {name}");
    }

    public static Outcome Of(ServerHello hello) => new(hello.IsHelloRetryRequest() ? Retry : Answered, hello);

    public override string ToString() => Text;
}
