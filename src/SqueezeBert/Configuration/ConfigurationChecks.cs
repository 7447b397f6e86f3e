using System.Globalization;
using SqueezeBert.Checkpoints;

namespace SqueezeBert.Configuration;

/// <summary>Checks the values of a configuration. The errors name the file, the field and the remedy.</summary>
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

    /// <summary>Checks that the number of groups divides the inputs and the outputs of its layer.</summary>
    public void Groups(string field, int groups, params ReadOnlySpan<(string Field, int Value)> sizes)
    {
        Range(field, groups, 1, 1 << 16);
        foreach (var (sizeField, value) in sizes) Divisible(sizeField, value, field, groups);
    }

    public void Temperature(string field, double? value)
    {
        if (value is not (null or (>= 0.01 and <= 100))) throw Error(field, $"is {value}; it must be 0.01 to 100");
    }

    /// <summary>Checks the named heads. Heads that are created in code are checked as strictly as those of a file.</summary>
    public void NamedHeads(IReadOnlyList<HeadConfiguration> heads)
    {
        if (heads.Count > HeadFields.MaxHeads)
            throw Error(HeadFields.Field, $"has {heads.Count} heads; there may be {HeadFields.MaxHeads}");
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var head in heads)
        {
            if (HeadFields.NameProblem(head.Name) is { } problem) throw Error(HeadFields.Field, problem);
            var field = $"{HeadFields.Field}.{head.Name}";
            if (!names.Add(head.Name)) throw Error(field, "is there twice; give each head a name of its own");
            if (!HeadFields.Has(head.Task)) throw Error($"{field}.task", $"is {head.Task}, and there is no such task");
            if (HeadFields.HasLabels(head.Task)) Range($"{field}.id2label", head.Labels.Count, 1, ModelConfiguration.MaxLabels);
            else if (head.Labels.Count > 0) throw Error($"{field}.id2label", "is for heads that give labels; leave it out");
            if (head.ProblemType is not null && head.Task != HeadTask.TextClassification)
                throw Error($"{field}.problem_type", "is for heads that classify texts; leave it out");
            if (head.CalibrationTemperature is not null && head.Task != HeadTask.TextClassification)
                throw Error($"{field}.{ModelConfiguration.CalibrationField}", "is for heads that classify texts; leave it out");
            Temperature($"{field}.{ModelConfiguration.CalibrationField}", head.CalibrationTemperature);
            if (head.HashedNgrams is not null && head.Task != HeadTask.TokenClassification)
                throw Error($"{field}.{HashedNgramFields.Field}", "is for heads that classify tokens; leave it out");
            HashedNgramFields.Check(this, $"{field}.{HashedNgramFields.Field}", head.HashedNgrams);
        }
    }

    /// <param name="fieldOfAnotherGraph">The result of <see cref="ConfigurationFields.FieldOfAnotherGraph"/>.</param>
    public void EncoderWithPositions(string? fieldOfAnotherGraph)
    {
        if (fieldOfAnotherGraph is { } field)
            throw Error(field, "asks for a decoder or relative positions; only encoders with absolute positions are supported");
    }

    public InvalidModelFileException Error(string field, string reason) => new(file, $"field '{field}'", reason);
}
