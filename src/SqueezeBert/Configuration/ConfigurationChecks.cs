using System.Globalization;
using SqueezeBert.Checkpoints;

namespace SqueezeBert.Configuration;

/// <summary>Checks of a configuration's values; their errors name file, field and remedy.</summary>
internal sealed class ConfigurationChecks(string file)
{
    public void Range(string field, int value, int least, int most)
    {
        if (value < least || value > most) throw Error(field, $"is {value}; it must be {least} to {most}");
    }

    public void Probability(string field, double value)
    {
        if (value is not (>= 0 and <= 1)) throw Error(field, $"is {value.ToString(CultureInfo.InvariantCulture)}; it must be 0 to 1");
    }

    public void Divisible(string field, int value, string byField, int by)
    {
        if (value % by != 0) throw Error(byField, $"is {by}, which does not divide '{field}' ({value}); change one of them");
    }

    /// <summary>A number of groups must divide the inputs and the outputs of its layer.</summary>
    public void Groups(string field, int groups, params ReadOnlySpan<(string Field, int Value)> sizes)
    {
        Range(field, groups, 1, 1 << 16);
        foreach (var (sizeField, value) in sizes) Divisible(sizeField, value, field, groups);
    }

    /// <param name="fieldOfAnotherGraph">Of <see cref="ConfigurationFields.FieldOfAnotherGraph"/>.</param>
    public void EncoderWithPositions(string? fieldOfAnotherGraph)
    {
        if (fieldOfAnotherGraph is { } field)
            throw Error(field, "asks for a decoder or relative positions; only encoders with absolute positions are supported");
    }

    public InvalidModelFileException Error(string field, string reason) => new(file, $"field '{field}'", reason);
}
