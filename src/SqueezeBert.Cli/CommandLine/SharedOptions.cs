using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using SqueezeBert.Checkpoints;
using SqueezeBert.Evaluation;

namespace SqueezeBert.Cli.CommandLine;

/// <summary>Options that several commands have, so that they are called and described alike.</summary>
internal static class SharedOptions
{
    private static readonly (string Name, TensorType Type)[] Precisions =
        [("float32", TensorType.Float32), ("float16", TensorType.Float16), ("bfloat16", TensorType.BFloat16)];

    private static readonly (string Name, TensorType Type)[] StoredPrecisions = [.. Precisions, ("int8", TensorType.Int8)];

    /// <summary>--model MODEL, of a command that has a model without it.</summary>
    public static Option<string?> Model() => Text(
        "--model", ModelArgument.HelpName,
        "Folder of the model (config.json, weights, vocabulary), or hf:owner/name of the hub. Without it: the sentiment model in the box.");

    /// <summary>--model MODEL, of any kind.</summary>
    public static Option<string> RequiredModel() =>
        new("--model")
        {
            HelpName = ModelArgument.HelpName,
            Description = "Folder of the model, or hf:owner/name of the hub.",
            Required = true
        };

    /// <summary>--head NAME, of a model that may have several.</summary>
    public static Option<string?> Head() => Text("--head", "NAME",
        "The head to use, of a model that has several. Without it: the only one that suits the command.");

    /// <summary>--max-length N, of a model that reads texts.</summary>
    public static Option<int?> MaxLength() =>
        Number("--max-length", "The most tokens to read of a text, special tokens included. Without it: as many as the model reads.", 3);

    /// <summary>--windows.</summary>
    public static Option<bool> Windows() =>
        Flag("--windows", "Read a text that is too long in windows that overlap by half, instead of cutting it.");

    /// <summary>--threads N.</summary>
    public static Option<int?> Threads() =>
        Number("--threads", "Threads to compute with. Without it: one per core. Results do not depend on it.", 1, ModelOptions.MaxThreads);

    /// <summary>--precision NAME, of a model that is run.</summary>
    public static Option<Precision?> ModelPrecision() => OneOf<Precision>(
        "--precision",
        "Arithmetic of the linear layers: int8 takes less time and memory and is a little less exact. Without it: auto, which is " +
            "int8 for a model whose files are quantized, else float32.");

    /// <summary>--format NAME, of data files.</summary>
    /// <param name="name">The option's, where a command has it for two kinds of files.</param>
    public static Option<TableFormat?> Format(string name = "--format") => new(name)
    {
        HelpName = "FORMAT",
        Description =
            $"How the file is written: {string.Join(", ", TableFormats.Names)}. Without it: by the file's extension (.tsv is raw, .gz is " +
                "unpacked).",
        CustomParser = result =>
        {
            var value = result.Tokens[0].Value;
            if (TableFormats.TryParse(value, out var format)) return format;
            result.AddError($"{name} is one of {string.Join(", ", TableFormats.Names)}, not '{value}'");
            return null;
        },
    };

    /// <summary>--separator CHARACTER, of data files.</summary>
    /// <inheritdoc cref="Format" path="/param"/>
    public static Option<char?> Separator(string name = "--separator") => new(name)
    {
        HelpName = "CHARACTER",
        Description = "What stands between the fields of a CSV, such as ';'. Without it: a comma.",
        CustomParser = result =>
        {
            if (result.Tokens[0].Value is [var character] && character is > ' ' and < '\u007F' and not '"') return character;
            result.AddError($"{name} takes one character, such as ';', not '{result.Tokens[0].Value}'");
            return null;
        },
    };

    /// <summary>How a table is read.</summary>
    /// <exception cref="UsageException">A separator is given for a table that is no CSV.</exception>
    public static TableOptions Table(string file, TableFormat? format, char? separator, bool noHeader)
    {
        if (separator is not null && (format ?? TableFormats.FromPath(file)) is { } known and not TableFormat.Csv)
            throw new UsageException($"--separator is for CSV; {file} is read as {TableFormats.Names[(int)known]}: add --format csv");
        return new TableOptions { Format = format, Separator = separator ?? ',', HasHeader = !noHeader };
    }

    /// <summary>--no-header, of data files.</summary>
    /// <inheritdoc cref="Format" path="/param"/>
    public static Option<bool> NoHeader(string name = "--no-header") =>
        Flag(name, "The file's first line is data already; columns are called 0, 1, 2, ….");

    /// <summary>--precision TYPE, of what is written.</summary>
    public static Option<string> Precision()
    {
        var option = new Option<string>("--precision")
        {
            HelpName = "TYPE",
            Description = $"Type of the file's numbers: {string.Join(", ", Precisions.Select(precision => precision.Name))}.",
            DefaultValueFactory = _ => Precisions[0].Name,
        };
        option.AcceptOnlyFromAmong([.. Precisions.Select(precision => precision.Name)]);
        return option;
    }

    /// <summary>--precision TYPE, of what is written, int8 among them.</summary>
    public static Option<string> StoredPrecision()
    {
        var names = StoredPrecisions.Select(precision => precision.Name).ToArray();
        var option = new Option<string>("--precision")
        {
            HelpName = "TYPE",
            Description = $"Type of the file's numbers: {string.Join(", ", names)} (of linear layers, one scale an output).",
            DefaultValueFactory = _ => names[0],
        };
        option.AcceptOnlyFromAmong(names);
        return option;
    }

    /// <summary>--precision TYPE, of what is written, where something else decides without it.</summary>
    public static Option<string?> PrecisionOr(string description)
    {
        var option = new Option<string?>("--precision") { HelpName = "TYPE", Description = description };
        option.AcceptOnlyFromAmong([.. Precisions.Select(precision => precision.Name)]);
        return option;
    }

    /// <summary>The type of a name that <see cref="PrecisionOr"/> or <see cref="StoredPrecision"/> takes; null for null.</summary>
    public static TensorType? TypeOf(string? name) => name is null ? null : StoredPrecisions.First(known => known.Name == name).Type;

    /// <summary>An option that takes a number from 0 to <paramref name="maximum"/>, maybe with a fraction.</summary>
    public static Option<double?> Share(string name, string description, double maximum) => Real(
        name, description, string.Create(CultureInfo.InvariantCulture, $"a number from 0 to {maximum}"),
        number => number >= 0 && number <= maximum);

    /// <summary>The type that <see cref="Precision"/> names.</summary>
    public static TensorType TypeOf(ParseResult arguments, Option<string> precision) =>
        Precisions.First(known => known.Name == arguments.GetValue(precision)).Type;

    /// <summary>An option that takes a text.</summary>
    public static Option<string?> Text(string name, string helpName, string description) =>
        new(name) { HelpName = helpName, Description = description };

    /// <summary>An option that takes one of an enumeration's names, in lower case with '-' between words.</summary>
    public static Option<T?> OneOf<T>(string name, string description)
        where T : struct, Enum
    {
        var names = Enum.GetNames<T>().Select(value => JsonNamingPolicy.KebabCaseLower.ConvertName(value)).ToArray();
        return new(name)
        {
            HelpName = "NAME",
            Description = $"{description} One of {string.Join(", ", names)}.",
            CustomParser = result =>
            {
                var place = Array.IndexOf(names, result.Tokens[0].Value);
                if (place >= 0) return Enum.GetValues<T>()[place];
                result.AddError($"{name} is one of {string.Join(", ", names)}, not '{result.Tokens[0].Value}'");
                return null;
            },
        };
    }

    /// <summary>An option that takes any number.</summary>
    public static Option<double?> Real(string name, string description) => Real(name, description, "a number", static _ => true);

    /// <summary>An option that takes a number above zero, maybe with a fraction.</summary>
    public static Option<double?> Fraction(string name, string description) =>
        Real(name, description, "a number above 0", static number => number > 0);

    /// <summary>An option that takes a time, maybe a part of a second, up to a day.</summary>
    public static Option<double?> Seconds(string name, string description) =>
        Real(name, description, "a number of seconds, 0 to 86400", static number => number is >= 0 and <= 86_400);

    /// <summary>An option that is there or not.</summary>
    public static Option<bool> Flag(string name, string description) => new(name) { Description = description, Arity = ArgumentArity.Zero };

    /// <summary>An option that takes a number from <paramref name="minimum"/> to <paramref name="maximum"/>.</summary>
    public static Option<int?> Number(string name, string description, int minimum, int maximum = int.MaxValue) => new(name)
    {
        HelpName = "N",
        Description = description,
        CustomParser = result =>
        {
            var text = result.Tokens[0].Value;
            if (int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && number >= minimum
                && number <= maximum) return number;
            result.AddError(string.Create(CultureInfo.InvariantCulture,
                $"{name} takes a number from {minimum} {(maximum == int.MaxValue ? "up" : $"to {maximum}")}, not '{text}'"));
            return null;
        },
    };

    private static Option<double?> Real(string name, string description, string what, Func<double, bool> isAllowed) => new(name)
    {
        HelpName = "X",
        Description = description,
        CustomParser = result =>
        {
            var text = result.Tokens[0].Value;
            if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number)
                && isAllowed(number)) return number;
            result.AddError($"{name} takes {what}, not '{text}'");
            return null;
        },
    };
}
