using System.Globalization;

namespace SqueezeBert.Benchmarks;

/// <summary>Options of the form --name value, or --name alone.</summary>
internal sealed class Arguments(params string[] args)
{
    /// <summary>The command line, for the table's heading.</summary>
    public IReadOnlyList<string> All => args;

    public bool Has(string name) => args.Contains(name);

    public string? Text(string name)
    {
        var index = Array.IndexOf(args, name);
        return index >= 0 && index + 1 < args.Length ? args[index + 1] : null;
    }

    /// <exception cref="ArgumentException">The option is missing.</exception>
    public string Required(string name, string what) => Text(name) ?? throw new ArgumentException($"{name} is needed: {what}");

    public string[] Texts(string name, params string[] otherwise) => Text(name)?.Split(',') ?? otherwise;

    public int Integer(string name, int otherwise) => Text(name) is { } text ? ToInteger(name, text) : otherwise;

    public int[] Integers(string name, int[] otherwise) =>
        Text(name) is { } text ? [.. text.Split(',').Select(part => ToInteger(name, part))] : otherwise;

    public double Number(string name, double otherwise) => Text(name) is not { } text ? otherwise
        : double.TryParse(text, CultureInfo.InvariantCulture, out var number) ? number
        : throw new ArgumentException($"{name} takes a number, not '{text}'");

    private static int ToInteger(string name, string text) => int.TryParse(text, CultureInfo.InvariantCulture, out var number)
        ? number
        : throw new ArgumentException($"{name} takes numbers, not '{text}'");
}
