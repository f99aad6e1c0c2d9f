using System.CommandLine;
using System.Globalization;

namespace Reprise.Cli.Terminal;

/// <summary>A whole number from 1; anything else is named with what is allowed.</summary>
internal static class NumberArgument
{
    public static Argument<long> Create(string name, string description, string wanted) => new(name)
    {
        Description = description,
        CustomParser = result =>
        {
            var text = result.Tokens[0].Value;
            if (long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0)
                return number;
            result.AddError($"{name} '{text}': give {wanted}");
            return 0;
        },
    };
}
