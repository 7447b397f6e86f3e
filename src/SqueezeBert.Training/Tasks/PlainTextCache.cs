using SqueezeBert.Training.Data;

namespace SqueezeBert.Training.Tasks;

/// <summary>The examples of a stage of plain text: in memory, or in the folder of tokens that the stage names.</summary>
internal static class PlainTextCache
{
    /// <summary>Reads the files, or takes what was kept of them.</summary>
    /// <param name="input">The stage.</param>
    /// <param name="form">What the text is made into; other forms of the same text are kept beside it.</param>
    /// <param name="read">Adds the examples of all files.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    public static StageData Read(StageInput input, string form, Action<StageData> read, CancellationToken cancellationToken)
    {
        var data = new StageData();
        if (input.Stage.TokenCache is not { } folder)
        {
            read(data);
            return data;
        }

        var key = PlainTextKey.Of(input, form, cancellationToken);
        TokenizedText.Open(folder, key, data, () => read(data), TokenizedText.ShardTokens, input.Tell, cancellationToken);
        data.Weights.Clear();
        for (var i = 0; i < data.Train.Count; i++)
            data.Weights.Add((float)input.Stage.Data[data.Train.SourceOf(data.Train[i].Text)].Weight);
        return data;
    }
}
