using System.Globalization;
using SqueezeBert.Evaluation.Glue;
using SqueezeBert.Files;

namespace SqueezeBert.Evaluation;

/// <summary>
/// One of GLUE's nine tasks, or the diagnostic set AX: its labels, its official figures and how its files are laid out. Immutable.
/// </summary>
public sealed class GlueTask
{
    private static readonly string[] Inference = ["contradiction", "entailment", "neutral"];
    private static readonly string[] Entailment = ["entailment", "not_entailment"];

    private GlueTask(string name, string[] figures, string[] labels, string[] values, params GlueFile[] files) =>
        (Name, Figures, Labels, Values, Files) = (name, figures, labels, values, files);

    /// <summary>All tasks in the order of the leaderboard.</summary>
    public static IReadOnlyList<GlueTask> All { get; } =
    [
        new("CoLA", ["matthews"], ["unacceptable", "acceptable"], ["0", "1"],
            new GlueFile("CoLA", "dev", "sentence", null, "1") { TextNumber = 3, LabelNumber = 1 }),
        new("SST-2", ["accuracy"], ["negative", "positive"], ["0", "1"], new GlueFile("SST-2", "dev", "sentence", null, "label")),
        new("MRPC", ["accuracy", "f1"], ["not_equivalent", "equivalent"], ["0", "1"],
            new GlueFile("MRPC", "dev", "#1 String", "#2 String", "Quality")),
        new("STS-B", ["pearson", "spearman"], [], [], new GlueFile("STS-B", "dev", "sentence1", "sentence2", "score")),
        new("QQP", ["accuracy", "f1"], ["not_duplicate", "duplicate"], ["0", "1"],
            new GlueFile("QQP", "dev", "question1", "question2", "is_duplicate") { HasBrokenRows = true }),
        new("MNLI", ["accuracy"], Inference, Inference,
            new GlueFile("MNLI-m", "dev_matched", "sentence1", "sentence2", "gold_label"),
            new GlueFile("MNLI-mm", "dev_mismatched", "sentence1", "sentence2", "gold_label")),
        new("QNLI", ["accuracy"], Entailment, Entailment, new GlueFile("QNLI", "dev", "question", "sentence", "label")),
        new("RTE", ["accuracy"], Entailment, Entailment, new GlueFile("RTE", "dev", "sentence1", "sentence2", "label")),
        new("WNLI", ["accuracy"], ["not_entailment", "entailment"], ["0", "1"],
            new GlueFile("WNLI", "dev", "sentence1", "sentence2", "label")),
        new("AX", ["matthews"], Inference, Inference, new GlueFile("AX", "diagnostic-full", "Premise", "Hypothesis", "Label")),
    ];

    /// <summary>The name, as the leaderboard writes it.</summary>
    public string Name { get; }

    /// <summary>The official figures by the names of <see cref="IEvaluationReport.Figures"/>; their mean is the task's score.</summary>
    public IReadOnlyList<string> Figures { get; }

    /// <summary>What the labels mean, in the order of transformers; none where the label is a number.</summary>
    public IReadOnlyList<string> Labels { get; }

    /// <summary>How the files and the submission write each of <see cref="Labels"/>.</summary>
    public IReadOnlyList<string> Values { get; }

    /// <summary>Whether the label is a number (STS-B: 0 to 5).</summary>
    public bool IsRegression => Labels.Count == 0;

    internal IReadOnlyList<GlueFile> Files { get; }

    /// <summary>The task of a name, in any case, with or without hyphens.</summary>
    public static bool TryFind(string name, out GlueTask task)
    {
        ArgumentNullException.ThrowIfNull(name);
        task = All.FirstOrDefault(one => Plain(one.Name) == Plain(name))!;
        return task is not null;
    }

    /// <summary>The mean of the official figures of a report, in [-1, 1].</summary>
    /// <exception cref="ArgumentException">The report has other figures.</exception>
    public double Score(IEvaluationReport report)
    {
        ArgumentNullException.ThrowIfNull(report);
        var figures = report.Figures().ToDictionary(figure => figure.Name, figure => figure.Value, StringComparer.Ordinal);
        return Figures.Average(name => figures.TryGetValue(name, out var value) ? value
            : throw new ArgumentException($"the report has no '{name}', which {Name} is measured by", nameof(report)));
    }

    /// <summary>The GLUE score: the mean of the scores of tasks; that of MNLI is the mean of its two sets.</summary>
    /// <param name="scores">The score of each of the nine tasks, without AX.</param>
    /// <exception cref="ArgumentException">One of the nine is missing.</exception>
    public static double Total(IReadOnlyDictionary<GlueTask, double> scores)
    {
        ArgumentNullException.ThrowIfNull(scores);
        return All.Where(task => task.Name != "AX").Average(task => scores.TryGetValue(task, out var score) ? score
            : throw new ArgumentException($"there is no score of {task.Name}", nameof(scores)));
    }

    /// <summary>
    /// Finds the task's labels among a model's by their names, in any case and spelling; where the model's are only numbered, by the
    /// number, but not for MNLI and AX, whose order differs from source to source.
    /// </summary>
    /// <param name="modelLabels">The model's labels in their order.</param>
    /// <exception cref="ArgumentException">A label is not found, or the model has more; the message says what to do.</exception>
    public LabelList LabelsOf(IReadOnlyList<string> modelLabels)
    {
        ArgumentNullException.ThrowIfNull(modelLabels);
        if (modelLabels.Count != Labels.Count)
            throw new ArgumentException($"{Name} has {Labels.Count} labels, the model {modelLabels.Count}", nameof(modelLabels));
        var found = Labels.Select(label => Find(modelLabels, label)).ToList();
        if (!found.Contains(-1)) return List(found);
        var isNumbered = modelLabels.Index().All(
            label => label.Item == Number(label.Index) || label.Item == $"LABEL_{Number(label.Index)}");
        if (isNumbered && Labels.Count == 2) return List([.. Enumerable.Range(0, Labels.Count)]);
        var missing = Labels[found.IndexOf(-1)];
        throw new ArgumentException(
            $"the model has no label '{missing}' of {Name}; its labels: {NearestNames.List(missing, modelLabels)}. Say which is which: " +
                $"--labels {string.Join(',', Values.Select(value => $"{value}=NAME"))}", nameof(modelLabels));

        LabelList List(List<int> places) =>
            new(modelLabels, Values.Index().ToDictionary(value => value.Item, value => modelLabels[places[value.Index]]))
            {
                PositiveClass = places.Count == 2 ? places[1] : 1,
            };
    }

    /// <inheritdoc/>
    public override string ToString() => Name;

    private static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static int Find(IReadOnlyList<string> names, string label)
    {
        for (var i = 0; i < names.Count; i++)
        {
            if (Plain(names[i]) == Plain(label)) return i;
        }

        return -1;
    }

    private static string Plain(string name) => string.Concat(name.Where(char.IsLetterOrDigit)).ToUpperInvariant();
}
