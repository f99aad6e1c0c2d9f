using System.CommandLine;

namespace Reprise.Cli.Terminal;

/// <summary>Some of a few named things, separated by commas; all of them unless told otherwise.</summary>
internal sealed class ChoiceOption<T> : Option<T[]>
{
    private readonly IReadOnlyList<T> _all;

    public ChoiceOption(string name, string description, IReadOnlyList<T> all, Func<T, string> nameOf)
        : base(name)
    {
        _all = all;
        var allowed = string.Join(",", all.Select(nameOf));
        Description = $"{description} Default: {allowed}.";
        HelpName = allowed;
        CustomParser = result =>
        {
            var chosen = new List<T>();
            foreach (var word in result.Tokens[0].Value.Split(',', StringSplitOptions.TrimEntries))
            {
                var matches = all.Where(item => nameOf(item) == word).ToList();
                if (matches.Count == 0)
                    result.AddError($"{name} '{word}': allowed are {allowed}");
                chosen.AddRange(matches);
            }

            return [.. chosen.Distinct()];
        };
    }

    // Not by a default value: help would show it by type name.
    public IReadOnlyList<T> Read(ParseResult parsed) => parsed.GetValue(this) is { Length: > 0 } chosen ? chosen : _all;
}
