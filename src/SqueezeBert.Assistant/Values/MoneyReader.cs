namespace SqueezeBert.Assistant.Values;

/// <summary>Amounts of money in English: "$20", "20 dollars", "EUR 12.50", "twelve euros and fifty cents".</summary>
internal static class MoneyReader
{
    private static readonly (string[] Names, string Currency)[] Currencies =
    [
        (["$", "dollar", "dollars", "usd", "buck", "bucks"], "USD"),
        (["€", "euro", "euros", "eur"], "EUR"),
        (["£", "pound", "pounds", "gbp", "quid"], "GBP"),
        (["¥", "yen", "jpy"], "JPY"),
        (["franc", "francs", "chf"], "CHF"),
        (["rupee", "rupees", "inr"], "INR"),
        (["yuan", "cny"], "CNY"),
        (["krona", "kronor", "sek"], "SEK"),
        (["zloty", "pln"], "PLN"),
    ];

    private static readonly string[] Hundredths = ["cent", "cents", "penny", "pence", "p"];

    /// <summary>Reads one; null: none.</summary>
    public static (double Amount, string Currency)? Read(Phrase phrase)
    {
        var start = phrase.Place;
        var currency = ReadCurrency(phrase);
        var amount = phrase.Peek() is "a" or "an" && currency is null && Known(phrase.Peek(1)) ? One(phrase) : NumberReader.Read(phrase);
        if (amount is { } number && double.IsFinite(number))
        {
            if (currency is null && phrase.SkipAny(Hundredths)) return (number / 100, "USD");
            currency ??= ReadCurrency(phrase);
            if (currency is not null)
            {
                var end = phrase.Place;
                phrase.Skip("and");
                if (NumberReader.ReadSmall(phrase) is { } hundredths and < 100 && (phrase.SkipAny(Hundredths) || phrase.IsAtEnd)
                    && number == Math.Floor(number)) return (number + (hundredths / 100.0), currency);
                phrase.Place = end;
                return (number, currency);
            }
        }

        phrase.Place = start;
        return null;
    }

    private static double? One(Phrase phrase)
    {
        phrase.Place++;
        return 1;
    }

    private static bool Known(string word) => Currencies.Any(currency => currency.Names.Contains(word));

    private static string? ReadCurrency(Phrase phrase)
    {
        foreach (var (names, currency) in Currencies)
        {
            if (phrase.SkipAny(names)) return currency;
        }

        return null;
    }
}
