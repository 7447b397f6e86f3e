using SqueezeBert.Training.Tasks;
using SqueezeBert.Training.Tasks.Answering;
using SqueezeBert.Training.Tasks.Choosing;
using SqueezeBert.Training.Tasks.Intents;
using SqueezeBert.Training.Tasks.Joint;
using SqueezeBert.Training.Tasks.Ordering;
using SqueezeBert.Training.Tasks.Tagging;
using SqueezeBert.Training.Tasks.Towers;

namespace SqueezeBert.Training;

/// <summary>What a stage can learn: the list of tasks, from which recipes and the command take their names.</summary>
public static class TrainingTasks
{
    private static readonly List<TrainingTask> Tasks = [];

    /// <summary>Words behind masks, from plain text (BERT's first task).</summary>
    public static TrainingTask MaskedLanguage { get; } = Add(new MaskedLanguageTask());

    /// <summary>One label a text.</summary>
    public static TrainingTask SingleLabel { get; } = Add(new SingleLabelTask());

    /// <summary>Any number of labels a text, separated by commas, semicolons or white space in the column, or a JSON array.</summary>
    public static TrainingTask MultiLabel { get; } = Add(new MultiLabelTask());

    /// <summary>A number a text.</summary>
    public static TrainingTask Regression { get; } = Add(new RegressionTask());

    /// <summary>A tag a word, as of names and parts of speech, from columns or JSON lines.</summary>
    public static TrainingTask TokenClassification { get; } = Add(new TokenClassificationTask());

    /// <summary>Answers in documents, from the official files of SQuAD.</summary>
    public static TrainingTask QuestionAnswering { get; } = Add(new QuestionAnsweringTask());

    /// <summary>The right one of several choices.</summary>
    public static TrainingTask MultipleChoice { get; } = Add(new MultipleChoiceTask());

    /// <summary>Whether one segment of plain text follows another.</summary>
    public static TrainingTask SentenceOrder { get; } = Add(new SentenceOrderTask());

    /// <summary>Words behind masks and the order of segments, together.</summary>
    public static TrainingTask Pretraining { get; } = Add(new PretrainingTask());

    /// <summary>Vectors whose cosine is the score of a pair of texts.</summary>
    public static TrainingTask Similarity { get; } = Add(new SimilarityTask());

    /// <summary>Vectors by which a query finds its text among others.</summary>
    public static TrainingTask Retrieval { get; } = Add(new RetrievalTask());

    /// <summary>The hidden states and vectors of a larger encoder, from text without labels.</summary>
    public static TrainingTask Distillation { get; } = Add(new DistillationTask());

    /// <summary>The intent of a sentence and the slots of its words: two heads with names on one encoder.</summary>
    public static TrainingTask IntentsAndSlots { get; } = Add(new IntentsAndSlotsTask());

    /// <summary>Several heads with names on one encoder, each from data of its own (<see cref="StageRecipe.Heads"/>).</summary>
    public static TrainingTask Joint { get; } = Add(new JointTask());

    /// <summary>All of them, in the order of the properties.</summary>
    public static IReadOnlyList<TrainingTask> All { get; } = Tasks.AsReadOnly();

    private static TrainingTask Add(TrainingTask task)
    {
        Tasks.Add(task);
        return task;
    }
}
