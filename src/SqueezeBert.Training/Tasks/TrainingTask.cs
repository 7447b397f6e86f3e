using SqueezeBert.Checkpoints;
using SqueezeBert.Configuration;
using SqueezeBert.Evaluation;
using SqueezeBert.Gradients.Memory;
using SqueezeBert.Gradients.Plans;
using SqueezeBert.Gradients.Sessions;
using SqueezeBert.Graphs;
using SqueezeBert.Graphs.Heads;
using SqueezeBert.Training.Data;
using SqueezeBert.Training.Tasks;

namespace SqueezeBert.Training;

/// <summary>
/// The task of a stage: how its examples are read and batched, its head, its loss and its figures. A new task is a file beside this one and
/// a property of <see cref="TrainingTasks"/>. Immutable, with one instance per task.
/// </summary>
public abstract class TrainingTask
{
    private protected TrainingTask(string name) => Name = name;

    /// <summary>The name of the task in a recipe.</summary>
    public string Name { get; }

    /// <summary>The content of the label column of its tables.</summary>
    internal abstract LabelKind Labels { get; }

    /// <summary>The head that the task trains.</summary>
    internal abstract ModelHead Head { get; }

    /// <summary>A description of its files for help texts: "a table with a text and a label".</summary>
    internal abstract string Files { get; }

    /// <summary>The default of the largest number of tokens of an example, for users' own files.</summary>
    internal virtual int UsualLength => 256;

    /// <summary>The default column of the text.</summary>
    internal virtual string TextColumn => "text";

    /// <summary>The default column of the second text, or null if there is none.</summary>
    internal virtual string? PairColumn => null;

    /// <summary>The default column of the label.</summary>
    internal virtual string LabelColumn => "label";

    /// <summary>Whether rows can be held out by groups.</summary>
    internal virtual bool HasGroups => Labels != LabelKind.None;

    /// <summary>Whether a stage may name labels.</summary>
    internal virtual bool HasLabelNames => Labels != LabelKind.None;

    /// <summary>Whether its loss takes <see cref="StageRecipe.LabelSmoothing"/>.</summary>
    internal virtual bool HasLabelSmoothing => false;

    /// <summary>Whether its loss takes <see cref="StageRecipe.ClassWeights"/>.</summary>
    internal virtual bool HasClassWeights => false;

    /// <summary>Whether it has a head that can read the n-grams of words (<see cref="StageRecipe.HashedNgrams"/>).</summary>
    internal virtual bool HasNgrams => false;

    /// <summary>Whether the task learns from a teacher and has the fields for it.</summary>
    internal virtual bool HasTeacher => false;

    /// <summary>Whether its models make vectors of texts, so that they are saved with the files of a sentence encoder.</summary>
    internal virtual bool MakesVectors => false;

    /// <summary>The default column of a sentence's intent, or null if there is none.</summary>
    internal virtual string? IntentColumn => null;

    /// <summary>Whether a stage has heads with their own data, and no data itself.</summary>
    internal virtual bool HasHeads => false;

    /// <summary>The fields of a stage or of its files that only this task and few others have.</summary>
    internal virtual IReadOnlyList<string> OwnFields => [];

    /// <summary>Whether it can learn from classifiers in addition to its labels (<see cref="StageRecipe.SoftLabels"/>).</summary>
    internal virtual bool TakesSoftLabels => false;

    /// <summary>Whether a model can be pruned before it learns (<see cref="StageRecipe.Prune"/>).</summary>
    internal virtual bool CanPrune => false;

    /// <summary>Whether the files are plain text without labels, whose tokens can be kept on disk.</summary>
    internal virtual bool ReadsPlainText => false;

    /// <summary>Whether it predicts masked tokens (<see cref="StageRecipe.MaskProbability"/>).</summary>
    internal virtual bool HasMasks => false;

    /// <summary>Whether long texts can be read in windows (<see cref="LongText.Windows"/>).</summary>
    internal virtual bool CanReadWindows => false;

    /// <summary>Whether long texts are always read in windows.</summary>
    internal virtual bool AlwaysReadsWindows => false;

    /// <summary>Whether it can be evaluated on separate files.</summary>
    internal virtual bool HasEvaluationFiles => true;

    /// <inheritdoc/>
    public sealed override string ToString() => Name;

    /// <summary>Refuses fields of a recipe that the task does not use, or that contradict each other.</summary>
    /// <param name="stage">The stage.</param>
    /// <param name="error">Creates the exception for a field and a reason.</param>
    internal virtual void Check(StageRecipe stage, Func<string, string, RecipeException> error)
    {
        if (stage.LabelSmoothing > 0 && !HasLabelSmoothing) throw error("label_smoothing", "is for one label of several; leave it out");
        CheckNgrams(stage, error);
        if (!HasTeacher) CheckTeacherFields(stage, error);
        CheckOwnFields(stage, error);
        CheckReading(stage, error);
        if (stage.TokenCache is not null && !ReadsPlainText)
            throw error("token_cache", "is for masked language, sentence order and pretraining; leave it out");
        if (stage.WholeWords && Head is not (ModelHead.MaskedLanguageModel or ModelHead.Pretraining))
            throw error("whole_words", "is for masked language; leave it out");
        if (stage.Prune is not null && !CanPrune)
            throw error("prune", $"is for tasks with one loss on the logits of a head, which {Name} is not; leave it out");
        if (stage.TeacherCache is not null && stage.Teacher is null)
            throw error("teacher_cache", "goes with 'teacher', whose answers it keeps; leave it out");
        for (var i = 0; i < stage.Evaluation.Count; i++)
        {
            if (stage.Evaluation[i].IsUnlabelled) throw error($"evaluation[{i}].unlabelled", "an evaluation needs labels; leave it out");
        }

        if (stage.Evaluation.Count > 0 && !HasEvaluationFiles)
            throw error("evaluation", "is not for distillation; use held_out, similarity and exclude");
        if (stage.Evaluation.Count > 0 && stage.HeldOut > 0)
            throw error("held_out", "with 'evaluation' nothing is held out of the data; leave one of the two out");
        if (!HasGroups && stage.Data.Any(source => source.Group is not null))
            throw error("data", "'group' is for labelled texts; leave it out");
        if (!HasLabelNames && stage.Labels is not null) throw error("labels", "the data have no labels with names; leave it out");
        if (stage.ClassWeights is null) return;
        if (!HasClassWeights) throw error("class_weights", "is for single-label; leave it out");
        if (stage.ClassWeights.Any(weight => weight is not (> 0 and <= 1e6)))
            throw error("class_weights", "must be numbers above 0 to 1000000");
        if (stage.Labels is not null && stage.ClassWeights.Count != stage.Labels.Count)
            throw error("class_weights", $"must have {stage.Labels.Count} numbers, one per label");
    }

    /// <summary>Refuses a model that the stage cannot train, before anything is read.</summary>
    /// <param name="input">The stage.</param>
    /// <param name="start">The configuration that it starts from.</param>
    /// <exception cref="RecipeException">The message says what does not fit.</exception>
    internal virtual void CheckModel(StageInput input, ModelConfiguration start)
    {
    }

    /// <summary>Reads the files of a stage.</summary>
    /// <exception cref="RecipeException">The recipe asks for something that the data or the tokenizer do not have.</exception>
    internal abstract StageData Read(StageInput input, CancellationToken cancellationToken);

    /// <summary>Returns the number of examples of a file, which is determined quickly.</summary>
    /// <param name="path">The file.</param>
    /// <param name="source">How it is read.</param>
    /// <param name="cancellationToken">Cancels reading.</param>
    /// <exception cref="DataFormatException">The file cannot be read.</exception>
    internal virtual long Count(string path, DataSource source, CancellationToken cancellationToken)
    {
        using var reader = TableReader.Open(path, source.TableOptions);
        return reader.ReadRows(cancellationToken).LongCount();
    }

    /// <summary>The configuration of the model that is trained, from that of the start.</summary>
    internal abstract ModelConfiguration Configure(ModelConfiguration start, IReadOnlyList<string> labels);

    /// <summary>The configuration of the model that is trained.</summary>
    /// <param name="stage">The stage.</param>
    /// <param name="start">The configuration of the start.</param>
    /// <param name="data">What was read.</param>
    internal virtual ModelConfiguration Configure(StageRecipe stage, ModelConfiguration start, StageData data) =>
        Configure(start, data.Labels);

    /// <summary>Names of the heads that the stage trains; none: it trains the head of the checkpoint's class.</summary>
    internal virtual IReadOnlyList<string> HeadNames(StageRecipe stage) => [];

    /// <summary>The heads of <see cref="HeadNames"/>.</summary>
    internal virtual IReadOnlyList<HeadConfiguration> HeadsOf(StageRecipe stage, ModelConfiguration start, StageData data) => [];

    /// <summary>Fills in what a stage leaves open and the start decides.</summary>
    /// <param name="stage">The stage.</param>
    /// <param name="from">The folder of the start; null: a new model.</param>
    /// <param name="error">Creates the exception for a field and a reason.</param>
    internal virtual StageRecipe Complete(StageRecipe stage, string? from, Func<string, string, RecipeException> error) => stage;

    /// <summary>Sets initial values of a model's head that follow from the data.</summary>
    /// <param name="stage">The stage.</param>
    /// <param name="data">What was read.</param>
    /// <param name="graph">The model.</param>
    /// <param name="parameters">Its values.</param>
    /// <param name="random">Names of the parameters that are new: what a start has learnt stays.</param>
    internal virtual void InitializeHead(
        StageRecipe stage, StageData data, Graph graph, ParameterStore parameters, IReadOnlySet<string> random)
    {
    }

    /// <summary>The model that is trained.</summary>
    internal virtual Graph CreateGraph(StageRecipe stage, ModelConfiguration configuration) => ModelGraph.Create(configuration, Head);

    /// <summary>The outputs of the graph that losses are computed on.</summary>
    internal virtual IReadOnlyList<OutputRequest> Outputs(StageRecipe stage, ModelConfiguration configuration) =>
        [new(stage.OutputPrefix + OutputNames.Logits, IsOverwritten: true)];

    /// <summary>Losses, what runs beside the model, and figures.</summary>
    /// <param name="input">The stage.</param>
    /// <param name="data">What was read.</param>
    /// <param name="configuration">The configuration of the model.</param>
    /// <param name="session">The model, made for <see cref="Outputs"/>.</param>
    /// <exception cref="RecipeException">The recipe asks for something that the model does not have.</exception>
    internal abstract StageLearning CreateLearning(
        StageInput input, StageData data, ModelConfiguration configuration, GradientSession session);

    /// <summary>The command, without "squeezebert", that shows what a trained model can do.</summary>
    /// <param name="stage">The stage.</param>
    /// <param name="model">The model's folder.</param>
    internal abstract IReadOnlyList<string> Trial(StageRecipe stage, string model);

    /// <summary>Returns the score by which evaluations are compared. Of equal scores, the lower loss is better.</summary>
    internal virtual double Score(EvaluationSummary evaluation) => -evaluation.Loss;

    private void CheckNgrams(StageRecipe stage, Func<string, string, RecipeException> error)
    {
        if (stage.HashedNgrams is not { } ngrams) return;
        if (!HasNgrams)
        {
            throw error(
                HashedNgramFields.Field, "is for heads that give words a label: token-classification, intents-and-slots; leave it out");
        }

        if (HashedNgramFields.Problem(ngrams) is { } problem)
            throw error($"{HashedNgramFields.Field}.{problem.Field}", problem.Reason);
    }

    private void CheckOwnFields(StageRecipe stage, Func<string, string, RecipeException> error)
    {
        Refuse("pooling", stage.Pooling is not null);
        Refuse("score_range", stage.ScoreRange is not null);
        Refuse("scale", stage.Scale is not null);
        Refuse("wrong_segment", stage.WrongSegment is not null);
        Refuse("heads", stage.Heads.Count > 0);
        Refuse("intent", stage.Sources.Any(source => source.Intent is not null));
        Refuse("choices", stage.Sources.Any(source => source.Choices.Count > 0));
        Refuse("negative", stage.Sources.Any(source => source.Negative is not null));

        void Refuse(string field, bool isGiven)
        {
            if (isGiven && !OwnFields.Contains(field)) throw error(field, $"is not for {Name}; leave it out");
        }
    }

    // The values that fields have where a recipe is silent may stand there too.
    private void CheckReading(StageRecipe stage, Func<string, string, RecipeException> error)
    {
        const string WithWindows = "single-label, multi-label, regression, token-classification";
        if (stage.MaskProbability != StageRecipe.UsualMaskProbability && !HasMasks)
            throw error("mask_probability", $"is for masked-language, pretraining, and {Name} masks nothing; leave it out");
        if (stage.LongText == LongText.Windows && !CanReadWindows)
            throw error("long_texts", $"is for {WithWindows}, and {Name} has no windows; leave it out");
        if (stage.Stride == 0 || AlwaysReadsWindows || (CanReadWindows && stage.LongText == LongText.Windows)) return;
        throw error("stride", CanReadWindows
            ? "is for windows, and texts that are too long are cut here; add \"long_texts\": \"windows\", or leave it out"
            : $"is for {WithWindows}, question-answering, and {Name} has no windows; leave it out");
    }

    private void CheckTeacherFields(StageRecipe stage, Func<string, string, RecipeException> error)
    {
        const string Reason = "is for distillation; leave it out";
        if (!TakesSoftLabels)
        {
            if (stage.Teacher is not null) throw error("teacher", "is for distillation, single-label and multi-label; leave it out");
            if (stage.SoftLabels is not null) throw error("soft_labels", "is for single-label and multi-label; leave it out");
        }

        if (stage.Losses is not null) throw error("losses", Reason);
        if (stage.Similarity is not null) throw error("similarity", Reason);
        if (stage.Exclude.Count > 0) throw error("exclude", Reason);
        for (var i = 0; i < stage.Data.Count; i++)
        {
            if (stage.Data[i].IsUnlabelled && !(TakesSoftLabels && stage.Teacher is not null))
            {
                throw error(
                    $"data[{i}].unlabelled", "is for single-label and multi-label with a teacher, which labels the texts; leave it out");
            }

            if (stage.Data[i].Form != TextForm.Sentences) throw error($"data[{i}].form", Reason);
            if (stage.Data[i].Sample < 1) throw error($"data[{i}].sample", Reason);
        }
    }
}
