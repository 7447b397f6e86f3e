using System.Globalization;
using Microsoft.Extensions.Configuration;

namespace SqueezeBert.Extensions.Options;

/// <summary>
/// The values of a configuration section. They are read without binding, so that it works in a trimmed program, and a misspelt name is an
/// error instead of a setting without effect.
/// </summary>
internal sealed class ConfigurationValues(IConfiguration section, string name)
{
    private readonly HashSet<string> _known = new(StringComparer.OrdinalIgnoreCase);

    public string? Text(string key) => Find(key)?.Value;

    public int? Integer(string key) => Value<int>(key, "a whole number", int.TryParse);

    public long? Long(string key) => Value<long>(key, "a whole number", long.TryParse);

    public bool? Flag(string key) => Read<bool>(key, "true or false", bool.TryParse);

    public TimeSpan? Duration(string key) =>
        Read<TimeSpan>(key, "a duration such as 00:00:05",
            static (string? text, out TimeSpan value) => TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out value));

    /// <summary>Returns the value of an enumeration by its name. Numbers are refused, because their meaning is not obvious.</summary>
    public T? Name<T>(string key)
        where T : struct, Enum =>
        Read<T>(key, $"one of {string.Join(", ", Enum.GetNames<T>())}",
            static (string? text, out T value) => Enum.TryParse(text, ignoreCase: true, out value) && !char.IsAsciiDigit(text![0]) &&
                text[0] is not ('-' or '+') && Enum.IsDefined(value));

    /// <summary>A section inside of this one; null where there is none.</summary>
    public ConfigurationValues? Section(string key) => Find(key) is { } inner ? new ConfigurationValues(inner, $"{name}:{key}") : null;

    /// <exception cref="InvalidOperationException">The section has an unknown name. The message lists the known names.</exception>
    public void RefuseOthers()
    {
        foreach (var child in section.GetChildren())
        {
            if (_known.Contains(child.Key)) continue;
            throw new InvalidOperationException(
                $"{name}:{child.Key}: there is no such setting; there are {string.Join(", ", _known.Order(StringComparer.Ordinal))}");
        }
    }

    private delegate bool Parser<T>(string? text, out T value);

    private delegate bool NumberParser<T>(string? text, NumberStyles styles, IFormatProvider? provider, out T value);

    private T? Value<T>(string key, string expected, NumberParser<T> parser)
        where T : struct =>
        Read<T>(key, expected, (string? text, out T value) => parser(text, NumberStyles.Integer, CultureInfo.InvariantCulture, out value));

    private T? Read<T>(string key, string expected, Parser<T> parser)
        where T : struct
    {
        // An empty value unsets what an earlier source has set, as in the environment.
        if (Text(key) is not { Length: > 0 } text) return null;
        if (parser(text, out var value)) return value;
        throw new InvalidOperationException($"{name}:{key}: '{text}' is not {expected}");
    }

    private IConfigurationSection? Find(string key)
    {
        _known.Add(key);
        var found = section.GetSection(key);
        return found.Exists() ? found : null;
    }
}
