using SqueezeBert.Training.Tasks;
using SqueezeBert.Training.Tasks.Answering;
using SqueezeBert.Training.Tasks.Choosing;
using SqueezeBert.Training.Tasks.Intents;
using SqueezeBert.Training.Tasks.Joint;
using SqueezeBert.Training.Tasks.Ordering;
using SqueezeBert.Training.Tasks.Tagging;
using SqueezeBert.Training.Tasks.Towers;

namespace SqueezeBert.Training;

/// <summary>The tasks that a stage can learn. Recipes and the command-line tool use their names.</summary>
public static class TrainingTasks
{
    private static readonly List<TrainingTask> Tasks = [];

    /// <summary>Masked language modeling on plain text (the first task of BERT).</summary>
    public static TrainingTask MaskedLanguage { get; } = Add(new MaskedLanguageTask());

    /// <summary>Classification of texts with one label per text.</summary>
    public static TrainingTask SingleLabel { get; } = Add(new SingleLabelTask());

    /// <summary>
    /// Classification of texts with any number of labels per text. The column separates them by commas, semicolons or white space, or
    /// contains a JSON array.
    /// </summary>
    public static TrainingTask MultiLabel { get; } = Add(new MultiLabelTask());

    /// <summary>Regression: one number per text.</summary>
    public static TrainingTask Regression { get; } = Add(new RegressionTask());

    /// <summary>
    /// Classification of tokens, such as names or parts of speech, with one tag per word. The data are columns or JSON lines.
    /// </summary>
    public static TrainingTask TokenClassification { get; } = Add(new TokenClassificationTask());

    /// <summary>Extractive question answering, on files in the format of SQuAD.</summary>
    public static TrainingTask QuestionAnswering { get; } = Add(new QuestionAnsweringTask());

    /// <summary>The choice of the right one among several choices.</summary>
    public static TrainingTask MultipleChoice { get; } = Add(new MultipleChoiceTask());

    /// <summary>The decision whether a segment of plain text follows another one.</summary>
    public static TrainingTask SentenceOrder { get; } = Add(new SentenceOrderTask());

    /// <summary>Masked language modeling and the order of segments together.</summary>
    public static TrainingTask Pretraining { get; } = Add(new PretrainingTask());

    /// <summary>Vectors whose cosine is the similarity score of a pair of texts.</summary>
    public static TrainingTask Similarity { get; } = Add(new SimilarityTask());

    /// <summary>Vectors with which a query finds its text among others.</summary>
    public static TrainingTask Retrieval { get; } = Add(new RetrievalTask());

    /// <summary>The hidden states and vectors of a larger encoder, learnt from text without labels.</summary>
    public static TrainingTask Distillation { get; } = Add(new DistillationTask());

    /// <summary>The intent of a sentence and the slots of its words, as two named heads on one encoder.</summary>
    public static TrainingTask IntentsAndSlots { get; } = Add(new IntentsAndSlotsTask());

    /// <summary>Several named heads on one encoder, each with its own data (<see cref="StageRecipe.Heads"/>).</summary>
    public static TrainingTask Joint { get; } = Add(new JointTask());

    /// <summary>All tasks, in the order of the properties.</summary>
    public static IReadOnlyList<TrainingTask> All { get; } = Tasks.AsReadOnly();

    private static TrainingTask Add(TrainingTask task)
    {
        Tasks.Add(task);
        return task;
    }
}
