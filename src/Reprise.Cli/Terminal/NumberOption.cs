using System.CommandLine;
using System.Globalization;

namespace Reprise.Cli.Terminal;

/// <summary>A whole number within bounds; anything else is named with what is allowed.</summary>
internal static class NumberOption
{
    public static Option<int> Create(string name, string description, int minimum, int maximum, int usual) => new(name)
    {
        Description = description,
        HelpName = "N",
        DefaultValueFactory = _ => usual,
        CustomParser = result =>
        {
            var text = result.Tokens[0].Value;
            if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= minimum && number <= maximum)
                return number;
            result.AddError($"{name} '{text}': give a number from {minimum} to {maximum}");
            return usual;
        },
    };
}
