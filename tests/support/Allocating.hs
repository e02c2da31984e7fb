-- A program to sweep the settings of GHC's run-time system over: four threads that allocate short-lived lists, and a
-- map each that lives on. What it does depends on its argument alone, so what it allocates is the same each time.
module Main (main) where

import Control.Concurrent
import Control.Monad
import qualified Data.IntMap.Strict as Map
import System.Environment

-- A step of a linear congruential generator, for keys that are spread.
next :: Int -> Int
next s = (s * 1103515245 + 12345) `mod` 2147483648

work :: Int -> Int -> Int
work rounds = go rounds Map.empty
  where
    go 0 kept _ = Map.foldl' (+) 0 kept
    go n kept s =
      let s' = next s
          short = sum [s' .. s' + 20]
       in go (n - 1) (Map.insertWith (+) (s' `mod` 5000) short kept) s'

main :: IO ()
main = do
  arguments <- getArgs
  let rounds = case arguments of
        (text : _) -> read text
        [] -> 100000
  answers <- forM [1 .. 4] $ \seed -> do
    answer <- newEmptyMVar
    _ <- forkIO (putMVar answer $! work rounds seed)
    return answer
  sums <- mapM takeMVar answers
  print (sum sums)
