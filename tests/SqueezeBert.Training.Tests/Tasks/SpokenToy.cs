using System.Text.Json;
using SqueezeBert.Training.Tests.Running;

namespace SqueezeBert.Training.Tests.Tasks;

/// <summary>
/// Besides the toy task's files, sentences with intents and slots: w10 asks for one thing, w11 for another; w0 to w2 are a slot.
/// </summary>
internal static class SpokenToy
{
    public static ToyTask Make()
    {
        var toy = new ToyTask();
        var random = new Random(8);
        var (spoken, names) = (new List<string>(), new List<string>());
        for (var sentence = 0; sentence < 500; sentence++)
        {
            var intent = random.Next(3);
            var words = Enumerable.Range(0, random.Next(3, 9)).Select(_ => random.Next(12, ToyTask.Words)).ToList();
            if (intent < 2) words[random.Next(words.Count)] = 10 + intent;
            if (random.Next(2) == 0) words[random.Next(words.Count)] = random.Next(3);
            var tags = words.Select(word => word < 3 ? "B-A" : "O").ToList();
            names.AddRange(words.Zip(tags, (word, tag) => $"w{word}\t{tag}").Append(""));
            spoken.Add(JsonSerializer.Serialize(new
            {
                words = words.Select(word => $"w{word}"),
                tags,
                intent = words.Contains(10) ? "play" : words.Contains(11) ? "stop" : "other",
            }));
        }

        File.WriteAllLines(toy.Path("spoken.jsonl"), spoken);
        File.WriteAllLines(toy.Path("names.conll"), names);
        return toy;
    }

    /// <summary>Share of the most frequent intent in the file.</summary>
    public static double Majority(ToyTask toy)
    {
        var intents = File.ReadLines(toy.Path("spoken.jsonl"))
            .Select(line => JsonDocument.Parse(line).RootElement.GetProperty("intent").GetString()).ToList();
        return intents.GroupBy(intent => intent).Max(group => group.Count()) / (double)intents.Count;
    }
}
