using SqueezeBert.Assistant.Analysis;
using SqueezeBert.Assistant.Definitions;
using SqueezeBert.Assistant.Learning;
using SqueezeBert.Checkpoints;
using SqueezeBert.Evaluation;
using SqueezeBert.Files;
using SqueezeBert.Training;

namespace SqueezeBert.Assistant;

/// <summary>
/// Trains an assistant from a user's file and an encoder. The model is trained twice. The first training leaves some sentences out. They
/// measure the quality, calibrate the confidence and show what in-scope texts look like. The second training uses all sentences.
/// </summary>
public static class AssistantTrainer
{
    private const int MaxConfusions = 20, FewestIntents = 2;

    /// <summary>Trains an assistant and writes its folder. The folder is written only after everything has succeeded.</summary>
    /// <param name="training">The data and settings.</param>
    /// <param name="progress">Receives the progress after each step of both trainings. Null reports nothing.</param>
    /// <param name="cancellationToken">Stops the training after the running step. Nothing is kept.</param>
    /// <returns>The result of the training.</returns>
    /// <exception cref="AssistantFileException">The file is invalid, or it has too few intents with examples.</exception>
    /// <exception cref="InvalidModelFileException">The encoder cannot be read, or it is an assistant already.</exception>
    /// <exception cref="RecipeException">A training setting is out of range.</exception>
    /// <exception cref="IOException">The output folder is not empty, or cannot be written.</exception>
    /// <exception cref="OperationCanceledException">The training was cancelled.</exception>
    /// <exception cref="ArgumentOutOfRangeException">
    /// <see cref="AssistantTraining.CheckEvery"/> or <see cref="AssistantTraining.Variants"/> is out of range.
    /// </exception>
    public static AssistantTrainingResult Train(
        AssistantTraining training, IProgress<TrainingProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(training);
        ArgumentOutOfRangeException.ThrowIfNegative(training.CheckEvery);
        ArgumentOutOfRangeException.ThrowIfEqual(training.CheckEvery, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(training.Variants);
        var definition = DefinitionReader.ReadFile(training.File);
        if (definition.Intents.Count < FewestIntents) throw new AssistantFileException(
            training.File, 0, "nlu", $"has {definition.Intents.Count} intents with examples; {FewestIntents} are needed at least");
        CheckStart(training.From, definition);
        if (Directory.Exists(training.Output) && Directory.EnumerateFileSystemEntries(training.Output).Any())
            throw new IOException($"{training.Output}: is not empty; name another folder, or delete this one to train anew");

        // Beside the output, so that it takes its name at once when it is whole.
        var work = $"{Path.TrimEndingDirectorySeparator(Path.GetFullPath(training.Output))}.{Guid.NewGuid():N}.tmp";
        FileProblem.MakeFolder(work, training.Output);
        try
        {
            var check = training.CheckEvery == 0 ? null : Check(training, definition, work, progress, cancellationToken);
            var model = Path.Combine(work, "model");
            Run(training, definition, definition.Examples, null, model, Path.Combine(work, "all.jsonl"), progress, cancellationToken);
            var hasScope = Finish(training, definition, model, check, cancellationToken);
            if (Directory.Exists(training.Output)) Directory.Delete(training.Output);
            Directory.Move(model, training.Output);
            return new AssistantTrainingResult(
                training.Output, definition.Intents.Count, definition.Examples.SelectMany(example => example.Spans)
                    .Select(span => span.Slot).Distinct(StringComparer.Ordinal).Count(), definition.Examples.Count)
            {
                Checked = check?.Count ?? 0,
                IntentAccuracy = check?.IntentAccuracy,
                SlotF1 = check?.SlotF1,
                HasScope = hasScope,
                Confusions = check?.Confusions ?? [],
            };
        }
        finally
        {
            Directory.Delete(work, recursive: true);
        }
    }

    // The trainer goes on with heads that a start has under the same names, and these have other labels.
    private static void CheckStart(string from, AssistantDefinition definition)
    {
        using var folder = ModelFolder.Open(from);
        if (folder.Configuration.NamedHeads.FirstOrDefault(head => head.Name is "intent" or "slots") is not { } head) return;
        throw new InvalidModelFileException(from, null,
            $"is an assistant already (it has a head '{head.Name}'); start '{definition.File}' from an encoder",
            kind: ErrorKind.Unsupported);
    }

    private static void Run(
        AssistantTraining training, AssistantDefinition definition, IReadOnlyList<Example> examples, string? evaluation, string output,
        string data, IProgress<TrainingProgress>? progress, CancellationToken cancellationToken)
    {
        var sentences = TrainingSentences.WithVariants(examples, definition, training.Variants, training.Seed);
        TrainingSentences.Write(data, sentences);
        Trainer.Run(
            AssistantRecipe.Make(training, definition, output, data, sentences.Count, evaluation), progress: progress,
            cancellationToken: cancellationToken);
    }

    private static CheckResult? Check(
        AssistantTraining training, AssistantDefinition definition, string work, IProgress<TrainingProgress>? progress,
        CancellationToken cancellationToken)
    {
        var (train, left) = TrainingSentences.Split(definition.Examples, training.CheckEvery);
        var intents = train.Select(example => example.Intent).Distinct(StringComparer.Ordinal).Count();
        if (left.Count == 0 || intents < FewestIntents) return null;
        var folder = Path.Combine(work, "check");
        Run(training, definition, train, null, folder, Path.Combine(work, "train.jsonl"), progress, cancellationToken);
        using var model = InferenceModel.Load(folder, new ModelOptions { Threads = Threads(training) });
        return CheckResult.Measure(model, train, left, definition, cancellationToken);
    }

    /// <summary>Writes the files beside the model, and returns whether out-of-scope texts can be recognized.</summary>
    private static bool Finish(
        AssistantTraining training, AssistantDefinition definition, string folder, CheckResult? check, CancellationToken cancellationToken)
    {
        if (check?.Temperature is { } temperature)
        {
            var configuration = ModelConfiguration.Load(folder);
            (configuration with
            {
                NamedHeads = [.. configuration.NamedHeads.Select(head =>
                    head.Task == HeadTask.TextClassification ? head with { CalibrationTemperature = temperature } : head)],
            }).Save(folder);
        }

        var scope = check?.Scope;
        if (scope is not null)
        {
            using var model = InferenceModel.Load(folder, new ModelOptions { Threads = Threads(training) });
            var distance = CheckResult.FitDistance(model, definition.Examples, cancellationToken);
            distance?.Save(Path.Combine(folder, Assistant.DistanceName));
            if (distance is null) scope = null;
        }

        if (definition.Questions.Count > 0)
            EncoderCopy.Write(training.From, Path.Combine(folder, Assistant.QuestionFolder), cancellationToken);
        File.Copy(training.File, Path.Combine(folder, Assistant.FileName));
        var head = ModelRoles.Of(ModelConfiguration.Load(folder), null, null).Intent;
        new AssistantMeasures { Head = head, Scope = scope, Figures = check?.Figures ?? new Dictionary<string, double>() }.Save(folder);
        File.Delete(Path.Combine(folder, "metrics.jsonl"));
        return scope is not null;
    }

    private static int? Threads(AssistantTraining training) => training.Threads == 0 ? null : training.Threads;

    /// <summary>The results of the first training on the sentences that it left out.</summary>
    private sealed record CheckResult
    {
        public required int Count { get; init; }

        public required double IntentAccuracy { get; init; }

        public required double? SlotF1 { get; init; }

        public required double? Temperature { get; init; }

        public required ScopeCalibration? Scope { get; init; }

        public required List<(string Text, string Intent, string Predicted)> Confusions { get; init; }

        public IReadOnlyDictionary<string, double> Figures
        {
            get
            {
                var figures = new Dictionary<string, double> { ["checked"] = Count, ["intent_accuracy"] = IntentAccuracy };
                if (SlotF1 is { } f1) figures["slot_f1"] = f1;
                return figures;
            }
        }

        /// <summary>The distance to the intents; null where the model tells no two texts of an intent apart.</summary>
        public static ScopeDistance? FitDistance(InferenceModel model, IReadOnlyList<Example> examples, CancellationToken cancellationToken)
        {
            using var embedder = TextAnalyzer.Vectors(model);
            var ids = examples.Select(example => example.Intent).Distinct(StringComparer.Ordinal).Index()
                .ToDictionary(intent => intent.Item, intent => intent.Index, StringComparer.Ordinal);
            var vectors = embedder.EmbedStream(examples.Select(example => example.Text), cancellationToken: cancellationToken)
                .Select(embedding => embedding.Vector).ToList();
            try
            {
                return ScopeDistance.Fit(vectors, [.. examples.Select(example => ids[example.Intent])], cancellationToken);
            }
            catch (ArgumentException)
            {
                // All vectors of each intent are the same, as where the vocabulary has none of the words.
                return null;
            }
        }

        public static CheckResult Measure(
            InferenceModel model, List<Example> train, List<Example> left, AssistantDefinition definition,
            CancellationToken cancellationToken)
        {
            var roles = ModelRoles.Of(model.Configuration, null, null);
            using var classifier = new TextClassifier(model, new TextClassifierOptions { Head = roles.Intent });
            var answers = classifier.Classify([.. left.Select(example => example.Text)], cancellationToken: cancellationToken);
            var labels = left.Select(example => classifier.Labels.ToList().IndexOf(example.Intent)).ToList();
            var wrong = left.Zip(answers).Where(pair => pair.First.Intent != pair.Second.Label).ToList();
            double? temperature = left.Count >= ScopeCalibration.MinTexts && !labels.Contains(-1)
                ? Math.Clamp(ClassifierCalibration.Fit(answers, labels, classifier.Labels).Temperature, 0.5, 5) : null;
            return new CheckResult
            {
                Count = left.Count,
                IntentAccuracy = 1 - ((double)wrong.Count / left.Count),
                SlotF1 = F1(model, roles, left, cancellationToken),
                Temperature = temperature,
                Scope = left.Count < ScopeCalibration.MinTexts ? null
                    : FitScope(model, train, left, definition.OutOfScope, classifier, temperature ?? 1, cancellationToken),
                Confusions = [.. wrong.Take(MaxConfusions).Select(pair => (pair.First.Text, pair.First.Intent, pair.Second.Label))],
            };
        }

        private static ScopeCalibration? FitScope(
            InferenceModel model, List<Example> train, List<Example> left, IReadOnlyList<Example> outside, TextClassifier classifier,
            double temperature, CancellationToken cancellationToken)
        {
            if (FitDistance(model, train, cancellationToken) is not { } distance) return null;
            using var embedder = TextAnalyzer.Vectors(model);
            return ScopeCalibration.Fit(Measure(left), Measure(outside));

            List<(double, double)> Measure(IReadOnlyList<Example> examples)
            {
                string[] texts = [.. examples.Select(example => example.Text)];
                var vectors = embedder.EmbedStream(texts, cancellationToken: cancellationToken);
                var answers = classifier.ClassifyStream(texts, cancellationToken: cancellationToken);
                return [.. vectors.Zip(answers, (vector, answer) => (distance.Of(vector.Vector.Span), Confidence(answer)))];
            }

            double Confidence(Classification answer)
            {
                var logits = answer.Labels.Select(label => Math.Log(Math.Max(label.Score, 1e-30f)) / temperature).ToList();
                return 1 / logits.Sum(logit => Math.Exp(logit - logits[0]));
            }
        }

        // Exact spans and slots, as seqeval counts them.
        private static double? F1(InferenceModel model, ModelRoles roles, List<Example> left, CancellationToken cancellationToken)
        {
            if (roles.Slots is not { } head) return null;
            using var tagger = new SlotTagger(new TokenClassifier(model, new TokenClassifierOptions { Head = head }));
            var (right, found, wanted) = (0, 0, 0);
            foreach (var example in left)
            {
                var slots = tagger.Find(example.Text, cancellationToken).Select(slot => (slot.Slot, slot.Start, slot.End)).ToList();
                var gold = example.Spans.Select(span => (span.Slot, span.Start, span.End)).ToHashSet();
                right += slots.Count(gold.Contains);
                found += slots.Count;
                wanted += gold.Count;
            }

            return wanted == 0 ? null : found + wanted == 0 ? 0 : 2.0 * right / (found + wanted);
        }
    }
}
