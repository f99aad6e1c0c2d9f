namespace Reprise.Edge.Profiles;

/// <summary>A profile cannot be used.</summary>
/// <param name="failures">A line each that names the key, the value and what is allowed.</param>
internal sealed class ProfileException(params IReadOnlyList<string> failures) : Exception(string.Join("; ", failures).ReplaceLineEndings(" "))
{
    public IReadOnlyList<string> Failures { get; } = [.. failures.Select(failure => failure.ReplaceLineEndings(" "))];
}
