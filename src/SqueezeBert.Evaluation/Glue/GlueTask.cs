using System.Globalization;
using SqueezeBert.Evaluation.Glue;
using SqueezeBert.Files;

namespace SqueezeBert.Evaluation;

/// <summary>
/// One of the nine tasks of GLUE, or its diagnostic set AX: the labels, the official figures and the layout of the files. Immutable.
/// </summary>
public sealed class GlueTask
{
    private static readonly string[] Inference = ["contradiction", "entailment", "neutral"];
    private static readonly string[] Entailment = ["entailment", "not_entailment"];

    private GlueTask(string name, string[] figures, string[] labels, string[] values, params GlueFile[] files) =>
        (Name, Figures, Labels, Values, Files) = (name, figures, labels, values, files);

    /// <summary>All tasks, in the order of the leaderboard.</summary>
    public static IReadOnlyList<GlueTask> All { get; } =
    [
        new("CoLA", ["matthews"], ["unacceptable", "acceptable"], ["0", "1"],
            new GlueFile("CoLA", "dev", "sentence", null, "1") { TextNumber = 3, LabelNumber = 1 }),
        new("SST-2", ["accuracy"], ["negative", "positive"], ["0", "1"], new GlueFile("SST-2", "dev", "sentence", null, "label")),
        new("MRPC", ["accuracy", "f1"], ["not_equivalent", "equivalent"], ["0", "1"],
            new GlueFile("MRPC", "dev", "#1 String", "#2 String", "Quality") { MayBeUndivided = true }),
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

    /// <summary>The name of the task, as the leaderboard writes it.</summary>
    public string Name { get; }

    /// <summary>
    /// The names of the official figures in <see cref="IEvaluationReport.Figures"/>. Their mean is the score of the task.
    /// </summary>
    public IReadOnlyList<string> Figures { get; }

    /// <summary>The names of the labels, in the order of transformers. Empty if the label is a number.</summary>
    public IReadOnlyList<string> Labels { get; }

    /// <summary>How the files and the submission write each of the <see cref="Labels"/>.</summary>
    public IReadOnlyList<string> Values { get; }

    /// <summary>Whether the label is a number (STS-B: 0 to 5).</summary>
    public bool IsRegression => Labels.Count == 0;

    /// <summary>Whether the task has a training set. AX, the diagnostic set for models of MNLI, has none.</summary>
    public bool HasTraining => Name != "AX";

    internal IReadOnlyList<GlueFile> Files { get; }

    /// <summary>Finds a task by its name. Case and hyphens are ignored.</summary>
    /// <param name="name">The name of the task.</param>
    /// <param name="task">Receives the task.</param>
    /// <returns>Whether there is a task of that name.</returns>
    public static bool TryFind(string name, out GlueTask task)
    {
        ArgumentNullException.ThrowIfNull(name);
        task = All.FirstOrDefault(one => LooseName.Of(one.Name) == LooseName.Of(name))!;
        return task is not null;
    }

    /// <summary>Returns the mean of the official figures of a report, -1 to 1.</summary>
    /// <param name="report">The report of an evaluation on this task.</param>
    /// <exception cref="ArgumentException">The report does not contain the figures.</exception>
    public double Score(IEvaluationReport report)
    {
        ArgumentNullException.ThrowIfNull(report);
        var figures = report.Figures().ToDictionary(figure => figure.Name, figure => figure.Value, StringComparer.Ordinal);
        return Figures.Average(name => figures.TryGetValue(name, out var value) ? value
            : throw new ArgumentException($"the report has no '{name}', which {Name} is measured by", nameof(report)));
    }

    /// <summary>
    /// Returns the GLUE score, which is the mean of the scores of the nine tasks. The score of MNLI is the mean of its two sets.
    /// </summary>
    /// <param name="scores">The score of each of the nine tasks, without AX.</param>
    /// <exception cref="ArgumentException">The score of a task is missing.</exception>
    public static double Total(IReadOnlyDictionary<GlueTask, double> scores)
    {
        ArgumentNullException.ThrowIfNull(scores);
        return All.Where(task => task.HasTraining).Average(task => scores.TryGetValue(task, out var score) ? score
            : throw new ArgumentException($"there is no score of {task.Name}", nameof(scores)));
    }

    /// <summary>
    /// Matches the labels of the task to the labels of a model by their names, ignoring case and spelling. If the model's labels are only
    /// numbered, they are matched by number. This is not done for MNLI and AX, whose order differs between sources. A model may have
    /// labels that the task does not have, such as "neutral" for SST-2: they are not in the list.
    /// </summary>
    /// <param name="modelLabels">The labels of the model, in order.</param>
    /// <returns>Those labels of the model that are the task's, in the model's order, with the values of the task's files.</returns>
    /// <exception cref="ArgumentException">A label is not found. The message says what to do.</exception>
    public LabelList LabelsOf(IReadOnlyList<string> modelLabels)
    {
        ArgumentNullException.ThrowIfNull(modelLabels);
        var found = Labels.Select(label => Find(modelLabels, label)).ToList();
        if (!found.Contains(-1) && found.Distinct().Count() == found.Count) return List(found);
        if (modelLabels.Count != Labels.Count)
            throw new ArgumentException($"{Name} has {Labels.Count} labels, the model {modelLabels.Count} others", nameof(modelLabels));
        var isNumbered = modelLabels.Index().All(
            label => label.Item == Number(label.Index) || label.Item == $"LABEL_{Number(label.Index)}");
        if (isNumbered && Labels.Count == 2) return List([.. Enumerable.Range(0, Labels.Count)]);
        var missing = Labels[found.IndexOf(-1)];
        throw new ArgumentException(
            $"the model has no label '{missing}' of {Name}; its labels: {NearestNames.List(missing, modelLabels)}. Say which is which: " +
                $"--labels {string.Join(',', Values.Select(value => $"{value}=NAME"))}", nameof(modelLabels));

        LabelList List(List<int> places)
        {
            List<string> names = [.. places.Order().Select(place => modelLabels[place])];
            var values = Values.Index().ToDictionary(value => value.Item, value => modelLabels[places[value.Index]]);
            return new LabelList(names, values) { PositiveClass = places.Count == 2 ? names.IndexOf(modelLabels[places[1]]) : 1 };
        }
    }

    /// <inheritdoc/>
    public override string ToString() => Name;

    private static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static int Find(IReadOnlyList<string> names, string label)
    {
        for (var i = 0; i < names.Count; i++)
        {
            if (LooseName.Of(names[i]) == LooseName.Of(label)) return i;
        }

        return -1;
    }
}
