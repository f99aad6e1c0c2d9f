using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Spectre.Console;

namespace Reprise.Cli.Terminal;

/// <summary>Where a command writes. Results go to <see cref="Out"/>, failures to <see cref="Error"/>, one line each.</summary>
internal sealed class Screen
{
    // Tables must not be folded at 80 columns when a script or a CI log reads them.
    private const int WidthWithoutTerminal = 200;

    public Screen(TextWriter output, TextWriter error, bool interactive)
    {
        Out = output;
        Error = error;
        Interactive = interactive;
        Console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = interactive ? AnsiSupport.Detect : AnsiSupport.No,
            ColorSystem = interactive ? ColorSystemSupport.Detect : ColorSystemSupport.NoColors,
            Interactive = interactive ? InteractionSupport.Detect : InteractionSupport.No,
            Out = new AnsiConsoleOutput(output),
        });
        if (!interactive)
            Console.Profile.Width = WidthWithoutTerminal;
    }

    public TextWriter Out { get; }

    public TextWriter Error { get; }

    /// <summary>Tables, colour and live progress; plain text when the output is not a terminal.</summary>
    public IAnsiConsole Console { get; }

    /// <summary>Whether output goes to a terminal that can redraw.</summary>
    public bool Interactive { get; }

    private static JsonSerializerOptions Json { get; } = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        DefaultIgnoreCondition = JsonIgnoreCondition.Never,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
        // Output for files and pipes, never for HTML: host names and sentences stay readable.
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static Screen OfProcess() =>
        new(System.Console.Out, System.Console.Error, interactive: !System.Console.IsOutputRedirected);

    /// <summary>Asks before what cannot be undone; null where there is nobody to ask.</summary>
    public bool? Confirm(string question) =>
        Interactive && !System.Console.IsInputRedirected ? Console.Confirm(question, defaultValue: false) : null;

    public void WriteJson<T>(T value) => Out.WriteLine(JsonSerializer.Serialize(value, Json));

    /// <summary>One line on stderr, whatever the message holds.</summary>
    public int Fail(string message, int exitCode)
    {
        Error.WriteLine($"reprise: {message.ReplaceLineEndings(" ")}");
        return exitCode;
    }
}
