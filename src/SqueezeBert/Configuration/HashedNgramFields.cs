using System.Text.Json.Nodes;
using SqueezeBert.Checkpoints;
using SqueezeBert.Files;

namespace SqueezeBert.Configuration;

/// <summary>
/// The object "hashed_ngrams" of a config.json or of a named head in it: {"buckets": 8192, "dimensions": 64, "lengths": [2, 4]}. It is read
/// strictly, and no field has a default there, because a table means nothing with other settings than its own.
/// </summary>
internal static class HashedNgramFields
{
    public const string Field = "hashed_ngrams", Buckets = "buckets", Dimensions = "dimensions", Lengths = "lengths";
    public const int MaxBuckets = 1 << 20, MaxDimensions = 1024;
    public const string LengthsMeant = "two whole numbers from 2 to 16, the smaller one first";
    private const int LeastLength = 2, MostLength = 16;
    private static readonly string[] Known = [Buckets, Dimensions, Lengths];

    /// <summary>Reads the field of an object. Null means that it is not there.</summary>
    /// <exception cref="InvalidModelFileException">The field has a form that this version does not support.</exception>
    public static HashedNgrams? Read(ConfigurationFields fields)
    {
        if (fields.Json[Field] is not { } value) return null;
        if (value is not JsonObject json)
            throw fields.Error(Field, $"must be an object with '{Buckets}', '{Dimensions}' and '{Lengths}'");
        foreach (var (key, _) in json)
        {
            if (!Known.Contains(key))
                throw fields.Error($"{Field}.{MessagePart.OneLine(key)}",
                    $"is not known; the nearest known field is '{NearestNames.First(key, Known)}'");
        }

        var own = fields.Below(Field, json);
        foreach (var name in Known)
        {
            if (json[name] is null) throw own.Error(name, "is missing");
        }

        if (own.Integers(Lengths, []) is not [var least, var most])
            throw own.Error(Lengths, "must be the smallest and the largest length, such as [2, 4]");
        return new HashedNgrams
        {
            Buckets = own.Integer(Buckets, 0),
            Dimensions = own.Integer(Dimensions, 0),
            MinLength = least,
            MaxLength = most,
        };
    }

    public static JsonObject Write(HashedNgrams ngrams) => new()
    {
        [Buckets] = ngrams.Buckets,
        [Dimensions] = ngrams.Dimensions,
        [Lengths] = new JsonArray(ngrams.MinLength, ngrams.MaxLength),
    };

    /// <summary>Returns the first field with a value that is out of range, and what it must be. Null means that there is none.</summary>
    public static (string Field, string Reason)? Problem(HashedNgrams ngrams)
    {
        if (ngrams.Buckets is < 1 or > MaxBuckets) return (Buckets, $"is {ngrams.Buckets}; it must be 1 to {MaxBuckets}");
        if (ngrams.Dimensions is < 1 or > MaxDimensions)
            return (Dimensions, $"is {ngrams.Dimensions}; it must be 1 to {MaxDimensions}");
        return AreLengths(ngrams.MinLength, ngrams.MaxLength)
            ? null
            : (Lengths, $"is [{ngrams.MinLength}, {ngrams.MaxLength}]; it must be {LengthsMeant}");
    }

    /// <summary>Returns whether two numbers are the smallest and the largest length of n-grams.</summary>
    public static bool AreLengths(double least, double most) =>
        least >= LeastLength && least <= most && most <= MostLength && double.IsInteger(least) && double.IsInteger(most);

    /// <exception cref="InvalidModelFileException">A value is out of range.</exception>
    public static void Check(ConfigurationChecks check, string field, HashedNgrams? ngrams)
    {
        if (ngrams is not null && Problem(ngrams) is { } problem) throw check.Error($"{field}.{problem.Field}", problem.Reason);
    }
}
